import { sumOf } from '../../cli/up/scrape.ts'
import type { ServiceProcess } from './service-process.ts'

/** A metric of a service now, all labels added up; 0 while it does not answer. */
async function metricOfService({ url }: ServiceProcess, name: string): Promise<number> {
  const text = await fetch(`${url}/metrics`).then(
    (response) => response.text(),
    () => '',
  )
  return sumOf(text, name)
}

/** Windows that a detector has judged. */
export const windowsJudged = (service: ServiceProcess) =>
  metricOfService(service, 'tidemark_detector_windows_total')

/** Records that it has processed. */
export const recordsIn = (service: ServiceProcess) => metricOfService(service, 'tidemark_records_in_total')
