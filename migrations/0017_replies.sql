ALTER TABLE "bellwire"."deliveries" ADD COLUMN "kind" text DEFAULT 'callback' NOT NULL;--> statement-breakpoint
ALTER TABLE "bellwire"."deliveries" ADD COLUMN "messages_sent" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "deliveries_reply_idx" ON "bellwire"."deliveries" USING btree ("task_id") WHERE "bellwire"."deliveries"."kind" = 'reply';--> statement-breakpoint
CREATE FUNCTION "bellwire"."create_reply"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (new.callback::jsonb -> 'reply') ? (CASE new.state WHEN 'SUCCESS' THEN 'success' ELSE 'failure' END) THEN
		INSERT INTO bellwire.deliveries (id, kind, task_id, agent_id, webhook_id, event, task_event, content)
		VALUES (gen_random_uuid(), 'reply', new.id, new.agent_id, new.webhook_id,
			CASE new.state WHEN 'SUCCESS' THEN 'task.succeeded' ELSE 'task.failed' END, new.last_event, 'full')
		ON CONFLICT DO NOTHING;
	END IF;
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "tasks_create_reply" AFTER UPDATE OF "state" ON "bellwire"."tasks" FOR EACH ROW
	WHEN (new.callback IS NOT NULL AND new.webhook_id IS NOT NULL AND old.state IS DISTINCT FROM new.state
		AND new.state IN ('SUCCESS', 'FAILURE'))
	EXECUTE FUNCTION "bellwire"."create_reply"();
