import type { Command } from 'commander'
import { DEFAULT_DATA_FOLDER } from '../client/platform-file.ts'

/** Options of every command that talks to a running platform; `PlatformClient.find` takes them. */
export const addPlatformOptions = (command: Command): Command =>
  command
    .option('--url <url>', 'the platform, as `start` printed it; else the one that runs on the data folder')
    .option('--data <folder>', 'data folder of the platform', DEFAULT_DATA_FOLDER)
