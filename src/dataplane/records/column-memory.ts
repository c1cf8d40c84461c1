import { type ByteMemory, type MemoryReach, newMemory, ReusedMemory } from './reused-memory.ts'

/** Where the arrays of one column get their memory from. */
export class ColumnMemory {
  readonly values: ByteMemory
  readonly nulls: ByteMemory
  readonly bytes: ByteMemory

  private constructor(memory: () => ByteMemory) {
    this.values = memory()
    this.nulls = memory()
    this.bytes = memory()
  }

  /** The same memory for the column of each batch. */
  static reused(reach?: MemoryReach): ColumnMemory {
    return new ColumnMemory(() => new ReusedMemory(reach))
  }

  /** Memory of its own for each. */
  static readonly new: ColumnMemory = new ColumnMemory(() => newMemory)

  doubles(rows: number): Float64Array {
    return new Float64Array(this.values.ofBytes(rows * 8), 0, rows)
  }

  ints(rows: number): Int32Array {
    return new Int32Array(this.values.ofBytes(rows * 4), 0, rows)
  }

  longs(rows: number): BigInt64Array {
    return new BigInt64Array(this.values.ofBytes(rows * 8), 0, rows)
  }
}
