/** Bytes that are kept of a rejected record, whatever the limit for accepted ones is (semantics 1.7). */
export const RAW_BYTES_MAX = 16 * 1024 * 1024

/** Longest record that is decoded, unless the caller says otherwise (semantics 1.7). */
export const RECORD_BYTES_MAX_DEFAULT = 1024 * 1024
