CREATE TABLE "bellwire"."dedupe_keys" (
	"key" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"payload_hash" bigint,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."task_bodies" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"body" "bytea" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "sender_trusted" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "bellwire"."webhooks" ADD COLUMN "options" json DEFAULT '{}'::json NOT NULL;--> statement-breakpoint
ALTER TABLE "bellwire"."webhooks" ADD COLUMN "secrets" "bytea";--> statement-breakpoint
ALTER TABLE "bellwire"."webhooks" ADD COLUMN "secrets_updated_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bellwire"."webhooks" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE INDEX "dedupe_keys_expiry_idx" ON "bellwire"."dedupe_keys" USING btree ("expires_at");--> statement-breakpoint
-- What is remembered goes on counting. A key belongs to the webhook that its task came through; of a key that came with
-- an API key, which one it was is not known: it belongs to each that could have been it.
INSERT INTO "bellwire"."dedupe_keys" ("key", "task_id", "expires_at")
SELECT encode(substring(sha256(entrance || '\x00'::bytea || hash) FOR 16), 'hex')::uuid, task_id, expires_at
FROM (
	SELECT uuid_send(t.webhook_id) AS entrance, k.hash, k.task_id, k.expires_at
	FROM "bellwire"."idempotency_keys" k JOIN "bellwire"."tasks" t ON t.id = k.task_id
	WHERE t.webhook_id IS NOT NULL
	UNION ALL
	SELECT uuid_send(a.id) || uuid_send(k.agent_id), k.hash, k.task_id, k.expires_at
	FROM "bellwire"."idempotency_keys" k JOIN "bellwire"."tasks" t ON t.id = k.task_id
	JOIN "bellwire"."api_keys" a ON a.scope = 'admin' OR a.agent_id = k.agent_id
	WHERE t.webhook_id IS NULL
) AS remembered
ON CONFLICT DO NOTHING;--> statement-breakpoint
DROP TABLE "bellwire"."idempotency_keys" CASCADE;