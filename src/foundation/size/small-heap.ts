import { setFlagsFromString } from 'node:v8'

/**
 * Has the JavaScript engine collect garbage before it takes more memory from the system, in the whole process and for good. Otherwise it waits until the heap has
 * grown by 100 MB and more, which is wasted where what becomes garbage is what was let go of to save memory. Costs some percent of the time of allocating code.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size')
}
