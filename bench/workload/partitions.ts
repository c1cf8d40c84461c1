/** So many records in a row go to one partition, so that all partitions go through the same time of day. */
const RUN_RECORDS = 500

/** In which partition the bench puts the record of this number, counted from 0. */
export const partitionOf = (index: number, partitions: number): number => Math.floor(index / RUN_RECORDS) % partitions
