import type { Collector } from '../collector.ts'
import { cpu } from './cpu.ts'
import { disk } from './disk.ts'
import { diskio } from './diskio.ts'
import { mem } from './mem.ts'
import { net } from './net.ts'
import { netstat } from './netstat.ts'
import { system } from './system.ts'

/** What is read off every machine. */
export const hostCollectors: readonly Collector[] = [cpu, system, mem, disk, diskio, net, netstat]
