/** Goes up when the tables or the bytes in them change; a segment of another format is refused. */
export const SEGMENT_FORMAT = 3

/**
 * One segment of a partition is one SQLite file with these tables. Infinity stands for "none" in event times. A checksum
 * covers every column of its row but the key columns of a dictionary, so that damage is found before it is believed.
 */
export const segmentTables = `
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  format_version INTEGER NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  first_offset INTEGER NOT NULL,
  schema TEXT NOT NULL,
  event_time TEXT NOT NULL,
  -- of all records accepted before this segment
  max_event_time_before REAL NOT NULL
) STRICT;

CREATE TABLE batch (
  base_offset INTEGER PRIMARY KEY,
  received INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  arrival_ms INTEGER NOT NULL,
  max_event_time_before REAL NOT NULL,
  min_event_time REAL NOT NULL,
  max_event_time REAL NOT NULL,
  -- 1, the schema in meta; a schema that changes while the log lives will need others
  schema_version INTEGER NOT NULL,
  producer_id TEXT,
  producer_epoch INTEGER,
  base_sequence INTEGER,
  crc INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE dictionary (
  dictionary_epoch INTEGER NOT NULL,
  first_code INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  -- a JSON list of strings
  entries BLOB NOT NULL,
  PRIMARY KEY (dictionary_epoch, first_code)
) STRICT;

CREATE TABLE dead_letter (
  record_offset INTEGER PRIMARY KEY,
  arrival_ms INTEGER NOT NULL,
  code TEXT NOT NULL,
  field TEXT,
  expected TEXT,
  found TEXT,
  raw_length INTEGER NOT NULL,
  -- of how the raw bytes are to be read; null for JSON
  raw_format INTEGER,
  crc INTEGER NOT NULL,
  raw BLOB NOT NULL
) STRICT;

CREATE TABLE raw_format (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  crc INTEGER NOT NULL,
  -- the header line of a CSV file, the schema of an Avro writer
  context BLOB NOT NULL
) STRICT;

-- Dead letters, of this segment or an earlier one, that were appended again while this was the last segment.
CREATE TABLE replay (
  record_offset INTEGER PRIMARY KEY,
  appended_offset INTEGER NOT NULL,
  replayed_ms INTEGER NOT NULL
) STRICT;

-- Dead letters of this segment that were repaired in place: readers put them where they were rejected.
CREATE TABLE repair (
  record_offset INTEGER PRIMARY KEY,
  repaired_ms INTEGER NOT NULL,
  event_time_ms REAL NOT NULL,
  crc INTEGER NOT NULL,
  -- a batch of one row without dictionaries
  body BLOB NOT NULL
) STRICT;

-- What records placed in earlier segments make of max_event_time_before.
CREATE TABLE raise (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  max_event_time_before REAL NOT NULL
) STRICT;

-- How often records were placed in the log; the last segment counts.
CREATE TABLE revision (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  number INTEGER NOT NULL,
  placing_from INTEGER
) STRICT;

CREATE TABLE producer (
  id TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  -- null until it has appended
  last_arrival_ms INTEGER
) STRICT;

CREATE TABLE generation (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  first_offset INTEGER NOT NULL
) STRICT;

-- Idle marks: before the record at this offset the partition counts as having seen this event time. Batches after a mark have it in
-- max_event_time_before; a segment that begins after marks begins with one that says what they came to.
CREATE TABLE mark (
  record_offset INTEGER PRIMARY KEY,
  event_time_ms REAL NOT NULL
) STRICT;
`
