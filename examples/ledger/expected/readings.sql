SELECT meter, hour, value, _fivetran_deleted FROM tester.readings ORDER BY meter, hour
