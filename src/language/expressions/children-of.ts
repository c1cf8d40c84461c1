import type { Expression } from './expression.ts'

/** The expressions directly inside one, in the order they are written. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'Call':
      return expression.arguments
    case 'Cast':
      return [expression.argument]
    case 'Case': {
      const branches = expression.branches.flatMap((branch) => [branch.when, branch.then])
      return expression.otherwise === null ? branches : [...branches, expression.otherwise]
    }
    case 'Aggregate':
      return expression.argument === null ? [] : [expression.argument]
    case 'Field':
    case 'Literal':
      return []
  }
}
