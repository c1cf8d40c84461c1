import { Option } from 'commander'
import { CONFIGURATION_FILE } from '#services/configuration/configuration-file.ts'

/** Of commands that need to know where records and results live. */
export const configOption = (): Option =>
  new Option(
    '--config <file>',
    `where records and results live: a module or JSON; else ${CONFIGURATION_FILE} beside the app or here; all on this machine when there is none`,
  )
