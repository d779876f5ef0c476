import { z } from 'zod'
import { ApprovalRule, ImportedAt, ImportedTool, ToolAccess, ToolPrefix, ToolTimeout } from './toolParts.ts'

/** The tools that an MCP server listed when it was imported. */
export const McpImport = z
  .object({
    imported_at: ImportedAt,
    server: z.object({ name: z.string(), version: z.string() }).optional(),
    tools: z.array(
      z.object({
        tool: z.string().meta({ description: 'The tool name on the server' }),
        ...ImportedTool.shape,
        approval: ApprovalRule.optional().meta({ description: 'always: the server calls it destructive' }),
      }),
    ),
  })
  .meta({ id: 'McpImport' })
export type McpImport = z.infer<typeof McpImport>

/** Variables that could make an allowed program run another one. */
const LOADERS =
  /^(PATH|HOME|ENV|IFS|BASH_ENV|SHELLOPTS|CLASSPATH|_?JAVA_|JDK_|LD_|DYLD_|NODE_|NPM_|PYTHON|PIP|UV_|PERL|RUBY|GEM_|BUNDLE_|GIT_|DENO_|BUN_|DOTNET_|XDG_|DOCKER_)/i

function decidesWhatRuns(variable: string): boolean {
  return LOADERS.test(variable)
}

/** The tools of a server that speaks the Model Context Protocol, over Streamable HTTP or as a local program. */
export const McpTool = z
  .strictObject({
    type: z.literal('mcp'),
    name: ToolPrefix.meta({ description: "Prefix of the server's tool names: NAME_tool" }),
    url: z
      .string()
      .min(1)
      .max(8192)
      .optional()
      .meta({ description: 'Streamable HTTP: a Liquid template over secrets' }),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'Sent with every request to the URL: Liquid templates over secrets' }),
    command: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .meta({ description: 'Instead of a URL: a program that BELLWIRE_MCP_COMMANDS allows' }),
    args: z.array(z.string().max(8192)).max(100).optional().meta({ description: 'Arguments of the command' }),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'use letters, digits and _'), z.string())
      .optional()
      .meta({ description: 'Environment of the command: Liquid templates over secrets' }),
    tools: z
      .array(z.string().min(1).max(500))
      .min(1)
      .max(128)
      .optional()
      .meta({ description: 'Which of its tools to import; all by default' }),
    access: z.record(z.string(), ToolAccess).optional().meta({
      description:
        'By the tool name on the server; by default, from its read-only hint, or write if it has none',
    }),
    approval: z.record(z.string(), ApprovalRule).optional().meta({
      description: 'By the tool name on the server; by default, from its destructive hint, if it has one',
    }),
    timeout_seconds: ToolTimeout.optional(),
    imported: McpImport.optional().meta({
      description: 'The tools as of the last save or refresh. Read-only: ignored in requests',
    }),
  })
  .check(({ value, issues }) => {
    const say = (field: 'url' | 'headers' | 'args' | 'env', message: string) =>
      issues.push({ code: 'custom', path: [field], input: value[field] ?? null, message })
    if ((value.url === undefined) === (value.command === undefined)) {
      say('url', 'give either a url or a command')
    }
    if (value.headers && value.url === undefined) say('headers', 'requires a url')
    if (value.args && value.command === undefined) say('args', 'requires a command')
    if (value.env && value.command === undefined) say('env', 'requires a command')
    for (const name of Object.keys(value.env ?? {}).filter(decidesWhatRuns)) {
      const message = 'decides which code the program runs; only the operator may set it'
      issues.push({ code: 'custom', path: ['env', name], input: value.env, message })
    }
  })
  .meta({ id: 'McpTool' })
export type McpTool = z.infer<typeof McpTool>
