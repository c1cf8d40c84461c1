/**
 * SQL macros the lowered queries use: the rules of values that DuckDB has no function for. `lambda` binds a value to a name,
 * so that a macro does not repeat its argument.
 */
export const macros: readonly string[] = [
  // Rule 4.2: half away from zero. HUGEINT division cuts towards zero, so half the divisor goes away from zero first.
  `CREATE MACRO divide_half_away(x, divisor) AS (x + CASE WHEN x < 0 THEN -(divisor // 2) ELSE divisor // 2 END) // divisor`,
  `CREATE MACRO floor_divide(x, divisor) AS x // divisor - CASE WHEN x % divisor < 0 THEN 1 ELSE 0 END`,
  // Rule 4.4: what is not finite is null.
  `CREATE MACRO finite(x) AS CASE WHEN isfinite(x) THEN x END`,
  // Rule 4.4: Neumaier's sum of a list. s is the plain sum, c what rounding lost.
  `CREATE MACRO compensated_sum(numbers) AS finite(list_transform([list_reduce(
      list_transform(numbers, lambda n: {'s': n, 'c': CAST(0 AS DOUBLE)}),
      lambda a, b: {'s': a.s + b.s, 'c': a.c + b.c + CASE WHEN abs(a.s) >= abs(b.s)
        THEN (a.s - (a.s + b.s)) + b.s ELSE (b.s - (a.s + b.s)) + a.s END})], lambda total: total.s + total.c)[1])`,
  // Rule 1.4: a JSON number as digits * 10^place, exactly; null for another text.
  `CREATE MACRO exact_number(text) AS list_transform(
      [regexp_extract(text, '^(-?)(0|[1-9][0-9]*)(?:\\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,6}))?$', ['sign', 'whole', 'fraction', 'exponent'])],
      lambda p: CASE WHEN p.whole <> '' THEN {
        'sign': p.sign,
        'digits': ltrim(p.whole || p.fraction, '0'),
        'place': CASE WHEN p.exponent = '' THEN 0 ELSE CAST(p.exponent AS INTEGER) END - length(p.fraction)
      } END)[1]`,
  // The number at a scale, half away from zero; null for no number and beyond 38 digits.
  `CREATE MACRO number_at_scale(text, scale) AS list_transform([exact_number(text)], lambda n: CASE
      WHEN n.digits = '' OR length(n.digits) + n.place + scale < 0 THEN CAST(0 AS HUGEINT)
      WHEN length(n.digits) + n.place + scale > 38 THEN NULL
      WHEN n.place + scale >= 0 THEN CAST(n.sign || n.digits || repeat('0', n.place + scale) AS HUGEINT)
      ELSE CAST(n.sign || '0' || left(n.digits, length(n.digits) + n.place + scale) AS HUGEINT)
        + CASE WHEN substring(n.digits, length(n.digits) + n.place + scale + 1, 1) < '5' THEN 0 WHEN n.sign = '-' THEN -1 ELSE 1 END
      END)[1]`,
  // The number when it is whole, else null.
  `CREATE MACRO whole_number(text) AS list_transform([exact_number(text)], lambda n: CASE
      WHEN n.digits = '' OR length(rtrim(n.digits, '0')) <= length(n.digits) + n.place THEN number_at_scale(text, 0) END)[1]`,
  // Rule 4.4: half up in magnitude on the shortest text, which is DuckDB's text of a double.
  `CREATE MACRO round_double(x, digits) AS
      coalesce(finite(CAST(CAST(number_at_scale(CAST(x AS VARCHAR), digits) AS VARCHAR) || 'e-' || digits AS DOUBLE)), x)`,
  `CREATE MACRO iso_date(text) AS
      CASE WHEN regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}') AND text >= '0001' THEN TRY_CAST(text AS DATE) END`,
  `CREATE MACRO days_since_epoch(day) AS CAST(date_diff('day', DATE '1970-01-01', day) AS BIGINT)`,
  // Rule 4.6: ISO 8601 text in epoch ms; UTC when it has no offset. Digits past the millisecond are cut (rule 1.4).
  `CREATE MACRO iso_timestamp(text) AS list_transform(
      [regexp_extract(text, '^([0-9-]{10})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,9}))?)?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?$',
        ['day', 'hour', 'minute', 'second', 'fraction', 'sign', 'zone_hour', 'zone_minute'])],
      lambda p: CASE WHEN p.hour <> '' AND p.hour < '24' AND p.minute < '60' AND p.second < '60' AND p.zone_hour < '24' AND p.zone_minute < '60'
        THEN days_since_epoch(iso_date(p.day)) * 86400000
          + CAST(p.hour AS BIGINT) * 3600000 + CAST(p.minute AS BIGINT) * 60000
          + CAST('0' || p.second AS BIGINT) * 1000 + CAST(left(rpad(p.fraction, 3, '0'), 3) AS BIGINT)
          - CASE WHEN p.sign = '-' THEN -1 ELSE 1 END * (CAST('0' || p.zone_hour AS BIGINT) * 60 + CAST('0' || p.zone_minute AS BIGINT)) * 60000
        END)[1]`,
  // The wall clock of a zone at an instant. The way from UTC is safe; the way back is not (DuckDB takes the second of two readings).
  `CREATE MACRO local_time(epoch_ms, zone) AS timezone(zone, make_timestamptz(epoch_ms * 1000))`,
]
