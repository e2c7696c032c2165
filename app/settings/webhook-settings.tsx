import { useState } from 'react'
import { call } from '#lib/client/call'
import { getWebhook, testWebhook } from '#lib/client/endpoints'
import { count } from '#lib/client/format'
import type { WebhookStatus, WebhookTest } from '#lib/contract/webhook'
import { messageOf } from '#lib/errors'
import { Ago } from '../_ui/ago.tsx'
import { Button } from '../_ui/button.tsx'
import { Notice } from '../_ui/panel.tsx'
import { Snippet } from '../_ui/snippet.tsx'
import { useCutOff } from '../_ui/use-cut-off.ts'

/** What the server itself tells, also when nobody has a page open. Set where it is started, so that no page can redirect it. */
export function WebhookSettings({ initial }: { initial: WebhookStatus | null }) {
  const [status, setStatus] = useState(initial)
  const [answer, setAnswer] = useState<WebhookTest | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [isPending, setPending] = useState(false)
  const cutOff = useCutOff()

  async function sendTest() {
    setPending(true)
    setProblem(null)
    setAnswer(null)
    try {
      setAnswer(await call(testWebhook, { body: {} }))
      setStatus(await call(getWebhook, {}))
    } catch (error) {
      setProblem(messageOf(error))
    }
    setPending(false)
  }

  if (!status)
    return (
      <div className="space-y-2">
        <p>
          None is set. With one, the server posts JSON when a run needs somebody, ends or holds: to a chat, a
          phone, or a program of yours.
        </p>
        <Snippet
          text={'RETRAI_WEBHOOK_URL=https://… RETRAI_WEBHOOK_SECRET="$(openssl rand -hex 24)" retrai serve'}
          label="Start the server with a webhook"
        />
      </div>
    )
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <code className="min-w-0 break-all">{status.url}</code>
        <Button blocked={cutOff} disabled={isPending} onClick={() => void sendTest()}>
          {isPending ? 'Sending…' : 'Send test'}
        </Button>
      </div>
      <div role="status">
        {answer && (
          <Notice tone={answer.delivered ? 'info' : 'err'}>
            {answer.delivered ? 'The receiver has taken it' : answer.detail} ({answer.duration_ms} ms)
          </Notice>
        )}
        {problem && <Notice tone="err">{problem}</Notice>}
      </div>
      <p className="text-muted">
        It is told when a run needs somebody, ends or holds,{' '}
        {status.signed
          ? 'signed with the secret'
          : 'not signed: set RETRAI_WEBHOOK_SECRET, so that the receiver knows who sent it'}
        .{' '}
        {status.pending > 0 && `${count(status.pending, 'message')} not taken yet; the server tries again. `}
        {status.last && (
          <>
            Last attempt <Ago at={status.last.at} /> ago: {status.last.detail}.
          </>
        )}
      </p>
    </div>
  )
}
