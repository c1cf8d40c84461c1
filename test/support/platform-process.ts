import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A command of the product as a process of its own, which can be killed. */
export class ProductProcess {
  readonly child: ChildProcess
  /** What it said so far, both outputs together. */
  said = ''
  readonly #ended: Promise<number | null>

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.child = spawn(process.execPath, ['bin/mysimbdp.js', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
    // A test that fails leaves nothing running, and is not kept waiting by it.
    const end = (): void => void this.child.kill('SIGKILL')
    process.once('exit', end)
    this.child.once('exit', () => process.off('exit', end))
    for (const output of [this.child.stdout!, this.child.stderr!]) {
      output.setEncoding('utf8')
      output.on('data', (text: string) => {
        this.said += text
      })
    }
    this.#ended = once(this.child, 'exit').then(([code]) => code as number | null)
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Its exit code; null after a signal. */
  ended(): Promise<number | null> {
    return this.#ended
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.hasEnded) this.child.kill(signal)
    await this.#ended
  }

  /** Waits for what it says. @throws Error with all it said when it ends before */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.said)
      if (match !== null) return match
      if (this.hasEnded) throw new Error(`it ended before it said ${pattern}:\n${this.said}`)
      await Promise.race([once(this.child.stdout!, 'data'), once(this.child.stderr!, 'data'), this.#ended])
    }
  }
}

/** What a platform says when it serves HTTP. */
export const LISTENS = /live page: (http:\/\/[\d.:]+)/

export interface PlatformProcessOptions {
  readonly port?: number
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** The platform as a process of its own, on a free port unless another one is given. */
export class PlatformProcess extends ProductProcess {
  readonly #data: string
  url = ''

  private constructor(data: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    super(['start', ...args, '--data', data], env)
    this.#data = data
  }

  static async start(
    data: string,
    apps: readonly string[],
    options: PlatformProcessOptions = {},
  ): Promise<PlatformProcess> {
    const platform = PlatformProcess.begin(data, apps, options)
    const [, url] = await platform.says(LISTENS)
    platform.url = url!
    return platform
  }

  /** The same for one that may be killed before it is ready. */
  static begin(
    data: string,
    apps: readonly string[],
    { port = 0, args = [], env = process.env }: PlatformProcessOptions = {},
  ): PlatformProcess {
    return new PlatformProcess(data, [...apps, '--port', String(port), ...args], env)
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  get data(): string {
    return this.#data
  }

  async getJson<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`)
    return (await response.json()) as T
  }
}
