import { createLogUpdate } from 'log-update'

/** Tells a person what takes so long. Several steps may run at once. */
export interface Progress {
  step(title: string): Step
}

export interface Step {
  /** What is being done right now. */
  update(detail: string): void
  done(detail?: string): void
  fail(detail: string): void
}

/** Nobody is watching. */
export const silentProgress: Progress = {
  step: () => ({ update: () => undefined, done: () => undefined, fail: () => undefined }),
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const reminderMs = 20_000

interface OpenStep {
  readonly title: string
  readonly startedAt: number
  detail: string
  remindedAt: number
}

/**
 * On a terminal, a live line for each step; elsewhere, a line when a step begins, when it ends, and every twenty
 * seconds between.
 */
export function terminalProgress(stream: NodeJS.WriteStream): Progress & { close(): void } {
  const live = stream.isTTY ? createLogUpdate(stream) : undefined
  const open = new Set<OpenStep>()
  let frame = 0
  const seconds = (step: OpenStep) => `${((Date.now() - step.startedAt) / 1000).toFixed(0)} s`
  const render = () => {
    frame = (frame + 1) % spinner.length
    live?.(
      [...open]
        .map((step) =>
          clip(`${spinner[frame]} ${step.title}  ${seconds(step)}  ${step.detail}`, stream.columns),
        )
        .join('\n'),
    )
  }
  const remind = () => {
    for (const step of open) {
      if (Date.now() - step.remindedAt < reminderMs) continue
      step.remindedAt = Date.now()
      stream.write(`… ${step.title}, ${seconds(step)}${step.detail ? `: ${step.detail}` : ''}\n`)
    }
  }
  const timer = setInterval(live ? render : remind, live ? 100 : 1_000)
  timer.unref()
  const finish = (step: OpenStep, line: string) => {
    if (!open.delete(step)) return
    live?.clear()
    stream.write(`${line}\n`)
    if (live && open.size > 0) render()
  }
  return {
    step(title) {
      const step: OpenStep = { title, startedAt: Date.now(), detail: '', remindedAt: Date.now() }
      open.add(step)
      if (live) render()
      else stream.write(`… ${title}\n`)
      return {
        update: (detail) => {
          step.detail = detail
        },
        done: (detail) => finish(step, `✔ ${title}${detail ? `: ${detail}` : ''} (${seconds(step)})`),
        fail: (detail) => finish(step, `✖ ${title}: ${detail}`),
      }
    },
    close() {
      clearInterval(timer)
      live?.clear()
      live?.done()
    },
  }
}

const clip = (line: string, columns = 80) => (line.length < columns ? line : `${line.slice(0, columns - 2)}…`)
