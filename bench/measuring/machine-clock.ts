/** ms of the machine's monotonic clock, which all its processes share: a moment in one process can be held against one in another. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6
