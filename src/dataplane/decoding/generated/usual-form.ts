import type { FieldType } from '#language/schemas/field-types.ts'

/** Whether generated code reads the text of a value without asking the column; a wrong answer only costs time. */
export function isUsual(type: FieldType, json: string): boolean {
  if (json === 'null') return true
  switch (type.kind) {
    case 'string':
      return !json.includes('\\')
    case 'int':
      return /^-?\d{1,9}$/.test(json)
    case 'timestamp':
      return /^\d{1,14}$/.test(json)
    case 'long':
      return /^-?\d{1,15}$/.test(json)
    case 'decimal':
      return /^-?\d{1,15}(\.\d+)?$/.test(json) && (json.split('.')[1]?.length ?? 0) <= type.scale
    case 'double':
      return /^-?\d{1,15}(\.\d+)?$/.test(json) && json.replace(/\D/g, '').length <= 15
    default:
      return true
  }
}
