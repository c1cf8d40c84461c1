import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBScalarFunction,
  type DuckDBType,
  VARCHAR,
} from '@duckdb/node-api'
import { macros } from './macros.ts'

/** No extension is downloaded or loaded by itself: a query reaches no network. */
const SETTINGS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' }

/** Rules of text that are ECMAScript's: full case mapping (DuckDB maps one code point to one) and the form of numbers. */
const textFunctions = [
  textFunction('unicode_lower', VARCHAR, (value: string) => value.toLowerCase()),
  textFunction('unicode_upper', VARCHAR, (value: string) => value.toUpperCase()),
  textFunction('ecmascript_number', DOUBLE, (value: number) => String(value)),
]

function textFunction<T>(name: string, parameter: DuckDBType, apply: (value: T) => string): () => DuckDBScalarFunction {
  return () =>
    DuckDBScalarFunction.create({
      name,
      returnType: VARCHAR,
      parameterTypes: [parameter],
      mainFunction: (_info, input, output) => {
        const values = input.getColumnVector(0)
        for (let row = 0; row < input.rowCount; row++) {
          const value = values.getItem(row) as T | null
          output.setItem(row, value === null ? null : apply(value))
        }
        output.flush()
      },
    })
}

/** An empty database in memory for as long as `use` runs, with the functions lowered queries call. */
export async function withBatchDatabase<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', SETTINGS)
  const connection = await instance.connect()
  try {
    for (const create of textFunctions) connection.registerScalarFunction(create())
    for (const macro of macros) await connection.run(macro)
    return await use(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
