import type { FieldType } from '#language/schemas/field-types.ts'
import { BooleanColumn } from './boolean-column.ts'
import type { ColumnBuilder } from './column-builder.ts'
import { DateColumn } from './date-column.ts'
import { DoubleColumn } from './double-column.ts'
import { ExactColumn } from './exact-column.ts'
import { IntColumn } from './int-column.ts'
import { StringColumn } from './string-column.ts'
import { TimestampColumn } from './timestamp-column.ts'
import { UuidColumn } from './uuid-column.ts'

export function createColumn(type: FieldType, timeZone: string): ColumnBuilder {
  switch (type.kind) {
    case 'string':
      return new StringColumn()
    case 'uuid':
      return new UuidColumn()
    case 'int':
      return new IntColumn()
    case 'long':
    case 'decimal':
      return new ExactColumn(type)
    case 'float':
    case 'double':
      return new DoubleColumn(type.kind === 'float')
    case 'boolean':
      return new BooleanColumn()
    case 'timestamp':
      return new TimestampColumn(timeZone)
    case 'date':
      return new DateColumn()
  }
}
