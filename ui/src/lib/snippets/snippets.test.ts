import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { maskUrl } from '../maskUrl.ts'
import { callOf, type CallOptions } from './call.ts'
import { curl, shellQuoted } from './curl.ts'
import { go } from './go.ts'
import { javascript } from './javascript.ts'
import { literal } from './python.ts'

const URL_TEXT = 'https://bells.example/api/webhooks/agents/Zm9vYmFy'
const AWKWARD = { text: 'it\'s "quoted" \\ $HOME `id`\n', list: [1, true, null], ключ: '🔔' }

const PLAIN = {
  source: 'generic',
  methods: ['GET' as const, 'POST' as const],
  respond: 'task' as const,
  secrets: { count: 0, updated_at: null },
}
type Settings = Parameters<typeof callOf>[0]

function made(settings: Partial<Settings> = {}, options: Partial<CallOptions> = {}) {
  const found = callOf(
    { ...PLAIN, ...settings },
    { payload: AWKWARD, withKey: false, waits: false, ...options },
  )
  if ('reason' in found) throw new Error(found.reason)
  return found.call
}

describe('a snippet', () => {
  it('is as short as the webhook allows', () => {
    expect(curl(made({}, { payload: { question: 'Why?' } }), URL_TEXT)).toBe(
      `curl '${URL_TEXT}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"question":"Why?"}'`,
    )
  })

  it('holds words of a shell, whatever is in them', async () => {
    const text = JSON.stringify(AWKWARD)
    const { stdout } = await promisify(execFile)('sh', ['-c', `printf %s ${shellQuoted(text)}`])
    expect(stdout).toBe(text)
  })

  it('holds a value of JavaScript', () => {
    const value = /JSON\.stringify\(([\s\S]*)\),\n\}\)/.exec(javascript(made(), URL_TEXT))?.[1] ?? ''
    // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- what people paste is run
    expect(new Function(`return (${value})`)()).toEqual(AWKWARD)
  })

  it('holds a value of Python', () => {
    expect(literal(AWKWARD)).toBe(
      '{"text": "it\'s \\"quoted\\" \\\\ $HOME `id`\\n", "list": [1, True, None], "ключ": "🔔"}',
    )
    expect(literal([])).toBe('[]')
    expect(literal(undefined)).toBe('None')
  })

  it('sends a secret of a webhook without a signature', () => {
    const call = made({ secrets: { count: 1, updated_at: null } })
    expect(curl(call, URL_TEXT)).toContain('-H "Authorization: Bearer $WEBHOOK_SECRET"')
  })

  it('names the header that the webhook recognizes repeats by', () => {
    const byHeader = made({ dedupe: { from: 'header:X-Event-Id' } }, { withKey: true })
    expect(curl(byHeader, URL_TEXT)).toContain('-H "X-Event-Id: $KEY"')
    expect(curl(made({}, { withKey: true }), URL_TEXT)).toContain('-H "Idempotency-Key: $KEY"')
  })

  it('says when no program can make the request', () => {
    const options = { payload: {}, withKey: false, waits: false }
    expect(callOf({ ...PLAIN, source: 'github' }, options)).toEqual({
      reason: expect.stringMatching(/Add another webhook/),
    })
    const hmac = {
      header: 'X-S',
      algorithm: 'sha256',
      encoding: 'hex',
      signed: '{header:X-Nonce}{body}',
    } as const
    expect(callOf({ ...PLAIN, source: 'hmac', hmac }, options)).toEqual({
      reason: expect.stringMatching(/x-nonce/),
    })
  })

  it('is a program in Go', () => {
    const hmac = {
      header: 'X-Signature',
      algorithm: 'sha512',
      encoding: 'hex',
      prefix: 'v0=',
      signed: 'v0:{timestamp}:{body}',
      timestamp_header: 'X-Time',
    } as const
    const call = made({ source: 'hmac', hmac }, { payload: { question: 'Why?' }, withKey: true, waits: true })
    expect(go(call, URL_TEXT)).toBe(GO)
  })
})

// Vetted and run with Go 1.26.
const GO = `package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	target := "${URL_TEXT}"
	body := "{\\"question\\":\\"Why?\\"}"
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	key := rand.Text() // the same when you repeat this request
	secretKey := []byte(os.Getenv("WEBHOOK_SECRET"))
	mac := hmac.New(sha512.New, secretKey)
	mac.Write([]byte("v0:" + timestamp + ":" + body))
	signature := hex.EncodeToString(mac.Sum(nil))

	request, err := http.NewRequest("POST", target, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Time", timestamp)
	request.Header.Set("X-Signature", "v0="+signature)
	request.Header.Set("Idempotency-Key", key)
	request.Header.Set("Prefer", "wait=30")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, string(answer))
}`

it('a masked URL does not hold the token, nor how long it is', () => {
  expect(maskUrl(URL_TEXT)).toBe('https://bells.example/api/webhooks/agents/••••••••••••••••')
})
