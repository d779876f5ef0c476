CREATE TABLE "bellwire"."callbacks" (
	"webhook_id" uuid PRIMARY KEY NOT NULL,
	"url" text,
	"events" json NOT NULL,
	"content" text NOT NULL,
	"hosts" json NOT NULL,
	"secrets" "bytea" NOT NULL,
	"disabled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" bigint GENERATED ALWAYS AS IDENTITY (sequence name "bellwire"."deliveries_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"task_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"webhook_id" uuid NOT NULL,
	"event" text NOT NULL,
	"task_event" integer NOT NULL,
	"url" text,
	"content" text NOT NULL,
	"body" "bytea",
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"round_attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now(),
	"error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "bellwire"."delivery_attempts" (
	"delivery_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"duration_ms" integer NOT NULL,
	"status" integer,
	"error" text,
	"response" text,
	CONSTRAINT "delivery_attempts_delivery_id_attempt_pk" PRIMARY KEY("delivery_id","attempt")
);
--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "callback" json;--> statement-breakpoint
ALTER TABLE "bellwire"."callbacks" ADD CONSTRAINT "callbacks_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "bellwire"."webhooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "deliveries_number_idx" ON "bellwire"."deliveries" USING btree ("number");--> statement-breakpoint
CREATE INDEX "deliveries_due_idx" ON "bellwire"."deliveries" USING btree ("due_at") WHERE "bellwire"."deliveries"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_task_idx" ON "bellwire"."deliveries" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "deliveries_webhook_idx" ON "bellwire"."deliveries" USING btree ("webhook_id","number");--> statement-breakpoint
CREATE INDEX "deliveries_failed_idx" ON "bellwire"."deliveries" USING btree ("number") WHERE "bellwire"."deliveries"."state" = 'failed';--> statement-breakpoint
CREATE FUNCTION "bellwire"."create_delivery"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	kind text := CASE WHEN new.state = 'WAITING' THEN 'waiting' ELSE 'end' END;
	is_disabled boolean;
BEGIN
	IF NOT (new.callback::jsonb -> 'events') ? kind THEN
		RETURN NULL;
	END IF;
	SELECT disabled_at IS NOT NULL AND new.callback ->> 'url' IS NULL INTO is_disabled
		FROM bellwire.callbacks WHERE webhook_id = new.webhook_id;
	INSERT INTO bellwire.deliveries (id, task_id, agent_id, webhook_id, event, task_event, url, content, state, due_at, error, finished_at)
	VALUES (gen_random_uuid(), new.id, new.agent_id, new.webhook_id,
		CASE new.state WHEN 'SUCCESS' THEN 'task.succeeded' WHEN 'FAILURE' THEN 'task.failed'
			WHEN 'CANCELLED' THEN 'task.cancelled' ELSE 'task.waiting' END,
		new.last_event, new.callback ->> 'url', new.callback ->> 'content',
		CASE WHEN is_disabled THEN 'failed' ELSE 'pending' END,
		CASE WHEN is_disabled THEN NULL ELSE now() END,
		CASE WHEN is_disabled THEN 'the callback is switched off: its receiver answered 410 Gone' END,
		CASE WHEN is_disabled THEN now() END);
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "tasks_create_delivery" AFTER UPDATE OF "state" ON "bellwire"."tasks" FOR EACH ROW
	WHEN (new.callback IS NOT NULL AND new.webhook_id IS NOT NULL AND old.state IS DISTINCT FROM new.state
		AND new.state IN ('SUCCESS', 'FAILURE', 'CANCELLED', 'WAITING'))
	EXECUTE FUNCTION "bellwire"."create_delivery"();
