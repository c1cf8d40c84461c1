import { armFaults } from '#foundation/faults/fault-points.ts'

/**
 * Loaded into a process of the product and each of its threads (`--import`): kills it as the point that MYSIMBDP_KILL_AT names is passed for the n-th time, `point:n`. Each
 * thread counts for itself.
 */
const [wanted, nth] = (process.env.MYSIMBDP_KILL_AT ?? '').split(':')
if (wanted !== '')
  armFaults((point, hit) => {
    if (point === wanted && hit === Number(nth)) process.kill(process.pid, 'SIGKILL')
  })
