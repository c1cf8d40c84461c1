export const PAGE_SIZE_BYTES = 16384

const WAL_PAGES_MAX = 1000
const WAL_PAGES_MIN = 16

/** How large the WAL of a segment gets before who appends writes it back, in pages: a part of a small segment, so that it does not outgrow it. */
export const walPagesOf = (segmentBytesMax: number): number =>
  Math.min(WAL_PAGES_MAX, Math.max(WAL_PAGES_MIN, Math.ceil(segmentBytesMax / PAGE_SIZE_BYTES / 4)))

/** Appended between two checkpoints by the checkpoint thread, where there is one: some milliseconds of its work. */
export const CHECKPOINT_BYTES = 1024 * 1024
