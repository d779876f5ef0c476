import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare, type Compared, type Effort, type Side } from './compare.ts'
import { cpuOfFamilies, cpuOfProcess } from './cpu.ts'
import { sendLoad } from './load.ts'
import { startFront } from './program.ts'
import { writeRequests, type FileRequest } from './requestFile.ts'
import { BENCH_ADMIN_KEY, createBenchWebhook } from './webhook.ts'

const SECRET = 'a secret of one benchmark'
const FILTER =
  'event == "issues" && payload.action in ["opened", "reopened"] && payload.issue.state == "open"'

/** Enough that none of them is taken for a loop. */
const ISSUES = 20_000

/**
 * Durable accepts per second at a GitHub webhook, with its signature, filter, delivery id and issue, divided by those
 * of the same requests at a webhook without a source that get an Idempotency-Key each.
 */
export async function benchSigned(
  databaseUrl: string,
  postmaster: number,
  effort: Effort,
): Promise<Compared> {
  const folder = await mkdtemp(join(tmpdir(), 'bellwire-bench-'))
  const front = await startFront(databaseUrl, { BELLWIRE_ADMIN_KEY: BENCH_ADMIN_KEY })
  try {
    const cpu = { front: () => cpuOfProcess(front.pid), database: () => cpuOfFamilies([postmaster]) }
    const side = async (name: string, settings: object, keyHeader: string): Promise<Side> => {
      const url = await createBenchWebhook(front.url, settings)
      const requestFile = join(folder, name)
      let round = 0
      return {
        cpu,
        send(seconds) {
          writeRequests(requestFile, requests(keyHeader, (round += 1)))
          return sendLoad({ url, seconds, connections: 64, requestFile })
        },
      }
    }
    const settings = { source: 'github', secrets: [SECRET], filter: FILTER }
    return await compare(
      await side('signed', settings, 'X-GitHub-Delivery'),
      await side('generic', {}, 'Idempotency-Key'),
      effort,
    )
  } finally {
    await front.stop()
    await rm(folder, { recursive: true })
  }
}

/** Events about different issues, as GitHub sends them. */
function requests(keyHeader: string, round: number): FileRequest[] {
  return Array.from({ length: ISSUES }, (_, index) => {
    const body = JSON.stringify(issueEvent(round * ISSUES + index))
    const signature = createHmac('sha256', SECRET).update(body).digest('hex')
    return {
      headers: {
        'X-GitHub-Event': 'issues',
        'X-Hub-Signature-256': `sha256=${signature}`,
        [keyHeader]: `${round}-#`,
      },
      body,
    }
  })
}

function issueEvent(number: number): object {
  const user = {
    login: 'octo',
    id: 583_231,
    node_id: 'MDQ6VXNlcjU4MzIzMQ==',
    html_url: 'https://github.com/octo',
    type: 'User',
  }
  const html_url = `https://github.com/octo/bench/issues/${number}`
  return {
    action: 'opened',
    issue: {
      url: `https://api.github.com/repos/octo/bench/issues/${number}`,
      html_url,
      id: 2_000_000_000 + number,
      number,
      title: 'The export fails for long names',
      user,
      labels: [{ id: 208_045_946, name: 'bug', color: 'f29513', default: true }],
      state: 'open',
      comments: 0,
      created_at: '2026-03-01T10:00:00Z',
      author_association: 'CONTRIBUTOR',
      body: 'Steps to reproduce: open a file with a name of more than 200 characters, then export it. '.repeat(
        5,
      ),
    },
    repository: {
      id: 1_296_269,
      full_name: 'octo/bench',
      private: false,
      owner: user,
      html_url: 'https://github.com/octo/bench',
    },
    sender: user,
  }
}
