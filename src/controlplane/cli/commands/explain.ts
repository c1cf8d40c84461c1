import { type Command, Option } from 'commander'
import { explain } from '#language/plan/explain.ts'
import { planToJson } from '#language/plan/plan-json.ts'
import { loadApp } from '#services/apps/load-app.ts'
import type { CliContext } from '../context.ts'

export function addExplainCommand(program: Command, { engines, terminal }: CliContext): void {
  program
    .command('explain')
    .argument('<app>', 'folder of an app, or its file')
    .description('say what the queries of an app mean, and what each engine can run of them')
    .addOption(new Option('--format <format>', 'words, or the plan itself').choices(['text', 'json']).default('text'))
    .action(async (path: string, { format }: { format: 'text' | 'json' }) => {
      const { plan } = await loadApp(path)
      terminal.out(format === 'json' ? `${planToJson(plan, 2)}\n` : explain(plan, engines))
    })
}
