SELECT event, entries, _fivetran_id IS NOT NULL AS has_id, _fivetran_deleted FROM tester.journal ORDER BY event
