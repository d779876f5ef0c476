import type { HttpTool } from '../../../../src/contract/agent.ts'

/** A tool to begin with: complete, so that it can be saved and edited from there. */
export type ToolTemplate = { title: string; about: string; tool: HttpTool }

type Properties = Record<string, { type: string; description: string; enum?: string[] }>

/** The JSON Schema of an object with these members and no others. */
function parameters(properties: Properties, optional: string[] = []): Record<string, unknown> {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}

const text = (description: string) => ({ type: 'string', description })
const whole = (description: string) => ({ type: 'integer', description })

const GITHUB_HEADERS = {
  Accept: 'application/vnd.github+json',
  Authorization: 'Bearer {{ secrets.GITHUB_TOKEN }}',
}
const REPOSITORY = {
  owner: text('Owner of the repository, such as nodejs'),
  repo: text('Name of the repository, such as node'),
}

/** Secrets are in them by reference only. */
export const TOOL_TEMPLATES: readonly ToolTemplate[] = [
  {
    title: 'GET with a query',
    about: 'Reads from any HTTP API',
    tool: {
      type: 'http',
      name: 'search_items',
      description: 'Searches the items. Returns names and URLs.',
      method: 'GET',
      url: 'https://api.example.com/items?q={{ query }}',
      parameters: parameters({ query: text('Words to search for') }),
      access: 'read',
    },
  },
  {
    title: 'POST as JSON',
    about: 'Sends the arguments to any HTTP API',
    tool: {
      type: 'http',
      name: 'create_item',
      description: 'Creates an item.',
      method: 'POST',
      url: 'https://api.example.com/items',
      headers: { Authorization: 'Bearer {{ secrets.API_TOKEN }}' },
      parameters: parameters({ title: text('Title of the item') }),
      access: 'write',
    },
  },
  {
    title: 'Web search',
    about: 'Brave Search API',
    tool: {
      type: 'http',
      name: 'search_web',
      description: 'Searches the web. Returns titles, URLs and excerpts.',
      method: 'GET',
      url: 'https://api.search.brave.com/res/v1/web/search?count=10&q={{ query }}',
      headers: { 'X-Subscription-Token': '{{ secrets.BRAVE_API_KEY }}' },
      parameters: parameters({ query: text('Words to search for') }),
      access: 'read',
    },
  },
  {
    title: 'Slack message',
    about: 'Posts to a channel as a bot',
    tool: {
      type: 'http',
      name: 'post_slack_message',
      description: 'Posts a message to a Slack channel.',
      method: 'POST',
      url: 'https://slack.com/api/chat.postMessage',
      headers: { Authorization: 'Bearer {{ secrets.SLACK_BOT_TOKEN }}' },
      parameters: parameters({
        channel: text('ID or name of the channel, such as #support'),
        text: text('The message, in Slack’s mrkdwn'),
      }),
      access: 'write',
    },
  },
  {
    title: 'Discord message',
    about: 'Posts through a channel webhook',
    tool: {
      type: 'http',
      name: 'post_discord_message',
      description: 'Posts a message to the Discord channel.',
      method: 'POST',
      url: '{{ secrets.DISCORD_WEBHOOK_URL }}?wait=true',
      body: '{ "content": {{ text | json }}, "allowed_mentions": { "parse": [] } }',
      parameters: parameters({ text: text('The message, at most 2,000 characters') }),
      access: 'write',
    },
  },
  {
    title: 'Email',
    about: 'Sends through the Resend API',
    tool: {
      type: 'http',
      name: 'send_email',
      description: 'Sends an email in plain text.',
      method: 'POST',
      url: 'https://api.resend.com/emails',
      headers: { Authorization: 'Bearer {{ secrets.RESEND_API_KEY }}' },
      body: '{\n  "from": "Support <support@example.com>",\n  "to": [{{ to | json }}],\n  "subject": {{ subject | json }},\n  "text": {{ text | json }}\n}',
      parameters: parameters({
        to: text('Email address of the recipient'),
        subject: text('Subject'),
        text: text('Plain text of the email'),
      }),
      access: 'write',
      idempotent: true,
      approval: 'always',
    },
  },
  {
    title: 'GitHub comment',
    about: 'Comments on an issue or pull request',
    tool: {
      type: 'http',
      name: 'comment_on_issue',
      description: 'Adds a comment to a GitHub issue or pull request.',
      method: 'POST',
      url: 'https://api.github.com/repos/{{ owner }}/{{ repo }}/issues/{{ number }}/comments',
      headers: GITHUB_HEADERS,
      body: '{ "body": {{ text | json }} }',
      parameters: parameters({
        ...REPOSITORY,
        number: whole('Number of the issue or pull request'),
        text: text('The comment, in Markdown'),
      }),
      access: 'write',
    },
  },
  {
    title: 'GitHub issue',
    about: 'Opens an issue in a repository',
    tool: {
      type: 'http',
      name: 'open_issue',
      description: 'Opens an issue in a GitHub repository.',
      method: 'POST',
      url: 'https://api.github.com/repos/{{ owner }}/{{ repo }}/issues',
      headers: GITHUB_HEADERS,
      body: '{ "title": {{ title | json }}, "body": {{ text | json }} }',
      parameters: parameters({
        ...REPOSITORY,
        title: text('Title of the issue'),
        text: text('Description, in Markdown'),
      }),
      access: 'write',
    },
  },
  {
    title: 'Linear issue',
    about: 'Creates an issue in a team',
    tool: {
      type: 'http',
      name: 'create_linear_issue',
      description: 'Creates a Linear issue. Returns its identifier and URL.',
      method: 'POST',
      url: 'https://api.linear.app/graphql',
      headers: { Authorization: '{{ secrets.LINEAR_API_KEY }}' },
      body: '{\n  "query": "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { identifier url } } }",\n  "variables": {\n    "input": { "teamId": {{ team_id | json }}, "title": {{ title | json }}, "description": {{ text | json }} }\n  }\n}',
      parameters: parameters({
        team_id: text('ID of the team'),
        title: text('Title of the issue'),
        text: text('Description, in Markdown'),
      }),
      access: 'write',
    },
  },
  {
    title: 'Stripe refund',
    about: 'Refunds a payment, after approval',
    tool: {
      type: 'http',
      name: 'refund_payment',
      description: 'Refunds a payment, in full or in part.',
      method: 'POST',
      url: 'https://api.stripe.com/v1/refunds',
      headers: {
        Authorization: 'Bearer {{ secrets.STRIPE_SECRET_KEY }}',
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: 'payment_intent={{ payment_intent | url_encode }}{% if amount %}&amount={{ amount }}{% endif %}',
      parameters: parameters(
        {
          payment_intent: text('ID of the payment, such as pi_123'),
          amount: whole('Amount in the smallest unit of the currency; all of it if absent'),
        },
        ['amount'],
      ),
      access: 'write',
      idempotent: true,
      approval: 'always',
    },
  },
  {
    title: 'Postgres rows',
    about: 'Reads a table through PostgREST or Supabase',
    tool: {
      type: 'http',
      name: 'find_orders',
      description: 'Finds the orders of a customer, newest first.',
      method: 'GET',
      url: '{{ secrets.SUPABASE_URL }}/rest/v1/orders?customer_email=eq.{{ email }}&order=created_at.desc&limit=20',
      headers: { apikey: '{{ secrets.SUPABASE_KEY }}', Authorization: 'Bearer {{ secrets.SUPABASE_KEY }}' },
      parameters: parameters({ email: text('Email address of the customer') }),
      access: 'read',
    },
  },
  {
    title: 'PagerDuty incident',
    about: 'Alerts whoever is on call',
    tool: {
      type: 'http',
      name: 'page_on_call',
      description: 'Triggers a PagerDuty incident for the person on call.',
      method: 'POST',
      url: 'https://events.pagerduty.com/v2/enqueue',
      body: '{\n  "routing_key": {{ secrets.PAGERDUTY_ROUTING_KEY | json }},\n  "event_action": "trigger",\n  "payload": { "summary": {{ summary | json }}, "source": "Bellwire", "severity": {{ severity | json }} }\n}',
      parameters: parameters({
        summary: text('What is wrong, in one sentence'),
        severity: {
          type: 'string',
          enum: ['critical', 'error', 'warning', 'info'],
          description: 'How severe it is',
        },
      }),
      access: 'write',
    },
  },
]
