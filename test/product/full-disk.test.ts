import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { commandOf, rebuild, run } from './finished-run.ts'
import { assertRefused, commandLine, EXIT, mysimbdp } from './product-process.ts'

/** A small disk of its own, which can grow. */
interface Disk {
  readonly path: string
  grow(): void
}

const mount = (path: string, size: string) =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { encoding: 'utf8' })

async function withDisk(size: string, work: (disk: Disk) => Promise<void>): Promise<void> {
  await withScratchFolder(async (path) => {
    const { status, stderr } = mount(path, size)
    assert.equal(status, 0, `no disk could be mounted: ${stderr}`)
    try {
      await work({ path, grow: () => execFileSync('mount', ['-o', 'remount,size=200m', path]) })
    } finally {
      execFileSync('umount', [path])
    }
  })
}

/** Why there can be no small disk; in CI there must be one. */
async function whyNoDisk(): Promise<string | false> {
  if (process.env.CI !== undefined) return false
  try {
    await withDisk('100k', async () => {})
    return false
  } catch {
    return 'a full disk needs the permission to mount one'
  }
}

/** What log and state of them take is what the sizes below are made for. */
const RECORDS = 10_000

describe('a disk that is full', { skip: await whyNoDisk() }, () => {
  /** How large the disk is, what it is too small for, and the file that the message names. */
  const SIZES = [
    ['100k', 'an empty log', /where: file .*segment-0+\.db\.new\n/],
    ['600k', 'the log', /where: input .*, file .*segment-0+\.db\n/],
    ['3m', 'the state', /where: (?:input .*, )?file .*job\.db\n/],
  ] as const
  for (const [size, tooSmallFor, where] of SIZES) {
    it(`by ${tooSmallFor} is named, and with more room the same command finishes as a calm run does`, () =>
      withScratchFolder((calm) =>
        withDisk(size, async (disk) => {
          const data = join(disk.path, 'run')
          const full = /the disk is full[\s\S]*Free space on the disk that holds the data folder[\s\S]*MSB_DISK_FULL/
          assertRefused(mysimbdp(commandOf(data, RECORDS)), EXIT.external, where)
          assertRefused(await run(data, RECORDS), EXIT.external, full)
          disk.grow()
          const { status, stdout, stderr } = await run(data, RECORDS)
          assert.equal(status, EXIT.done, stderr)
          assert.equal(stdout, (await run(join(calm, 'run'), RECORDS)).stdout)
          assert.equal((await rebuild(data)).status, EXIT.done)
          assert.equal((await run(data, RECORDS)).stdout, stdout)
        }),
      ))
  }

  it('of results is named, and the results can be written elsewhere', () =>
    withScratchFolder((calm) =>
      withDisk('8k', async (disk) => {
        const command = commandOf(join(calm, 'run'), RECORDS)
        const out = join(disk.path, 'out.json')
        assertRefused(
          await commandLine(...command, '--out', out),
          EXIT.external,
          /out\.json' cannot be written: ENOSPC[\s\S]*write to another one/,
        )
        assert.equal((await commandLine(...command, '--out', join(calm, 'out.json'))).status, EXIT.done)
      }),
    ))

  it('of temporary files is named, and what else can be done', () =>
    withDisk('1m', async (disk) => {
      const said = mysimbdp(['run', 'examples/chicago-taxi'], { env: { ...process.env, TMPDIR: disk.path } })
      assertRefused(
        said,
        EXIT.external,
        /the disk is full[\s\S]*works in the temporary folder .*name a folder on another disk with --data/,
      )
    }))
})

it('a temporary folder that is not there is named', () => {
  const said = mysimbdp(['run', 'examples/chicago-taxi', '--records', '1'], {
    env: { ...process.env, TMPDIR: 'no/such/folder' },
  })
  assertRefused(said, EXIT.external, /no temporary folder can be made: ENOENT[\s\S]*Set TMPDIR/)
})
