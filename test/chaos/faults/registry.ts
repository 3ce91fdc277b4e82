import { addWorker } from './add-worker.ts'
import { killBroker, restartBroker } from './broker.ts'
import { cutRegistry } from './cut-registry.ts'
import type { Fault } from './fault.ts'
import { freezeWorker } from './freeze-worker.ts'
import { killWorker } from './kill-worker.ts'
import { removeWorker } from './remove-worker.ts'
import { stopElasticsearch, stopInfluxdb } from './store.ts'
import { zombieWriter } from './zombie-writer.ts'

/** All faults there are. */
export const faults = [
  killWorker,
  freezeWorker,
  addWorker,
  removeWorker,
  restartBroker,
  killBroker,
  stopInfluxdb,
  stopElasticsearch,
  zombieWriter,
  cutRegistry,
] as const

export type FaultName = (typeof faults)[number]['name']

export const faultsByName: ReadonlyMap<string, Fault<string>> = new Map(
  faults.map((fault) => [fault.name, fault]),
)
