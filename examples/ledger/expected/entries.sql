SELECT book, line, amount, memo, currency_code, _fivetran_deleted FROM tester.entries ORDER BY book, line
