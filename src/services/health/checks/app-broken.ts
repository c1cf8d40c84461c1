import type { PlatformCheck } from '../check.ts'
import { failureText } from '../wording.ts'

/** A folder of an app that cannot be read: the app does not run at all. */
export const appBroken: PlatformCheck = {
  code: 'app_broken',
  find: ({ broken }) =>
    broken.map(({ name, error }) => ({
      subject: name,
      severity: 'failed',
      sentence: `app '${name}' cannot run, because its folder cannot be read: ${failureText(error)}`,
      action: error.hint,
    })),
}
