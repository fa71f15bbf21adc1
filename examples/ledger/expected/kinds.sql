SELECT day, name, "order", counter, flag, ratio, measure, price, local_time, instant, bytes, text, document, markup,
       _fivetran_deleted
FROM tester.kinds ORDER BY day
