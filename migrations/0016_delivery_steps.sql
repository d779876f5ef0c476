CREATE TABLE "bellwire"."delivery_cursors" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"last_event" integer NOT NULL
);
--> statement-breakpoint
CREATE FUNCTION "bellwire"."insert_delivery"(task uuid, agent uuid, webhook uuid, callback json, kind text, number integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	is_disabled boolean;
BEGIN
	SELECT c.disabled_at IS NOT NULL AND callback ->> 'url' IS NULL INTO is_disabled
		FROM bellwire.callbacks c WHERE c.webhook_id = webhook;
	INSERT INTO bellwire.deliveries (id, task_id, agent_id, webhook_id, event, task_event, url, content, state, due_at, error, finished_at)
	VALUES (gen_random_uuid(), task, agent, webhook, kind, number, callback ->> 'url', callback ->> 'content',
		CASE WHEN is_disabled THEN 'failed' ELSE 'pending' END,
		CASE WHEN is_disabled THEN NULL ELSE now() END,
		CASE WHEN is_disabled THEN 'the callback is switched off: its receiver answered 410 Gone' END,
		CASE WHEN is_disabled THEN now() END);
END
$$;
--> statement-breakpoint
-- Makes deliveries of the steps that were written since the last time. The row of the cursor is locked: each step once.
CREATE FUNCTION "bellwire"."create_step_deliveries"(wanted uuid) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
	after integer;
	task record;
	step record;
	made integer := 0;
BEGIN
	SELECT last_event INTO after FROM bellwire.delivery_cursors WHERE task_id = wanted FOR UPDATE;
	IF NOT FOUND THEN
		RETURN 0;
	END IF;
	-- Steps that are written from here on have a higher number than this.
	SELECT id, agent_id, webhook_id, callback, last_event INTO task FROM bellwire.tasks WHERE id = wanted;
	FOR step IN
		SELECT event FROM bellwire.steps
		WHERE task_id = wanted AND event > after AND event <= task.last_event
			AND (state = 'done' OR state = 'failed' AND kind = 'tool')
		ORDER BY event
	LOOP
		PERFORM bellwire.insert_delivery(task.id, task.agent_id, task.webhook_id, task.callback, 'task.step', step.event);
		made := made + 1;
	END LOOP;
	UPDATE bellwire.delivery_cursors SET last_event = task.last_event WHERE task_id = wanted;
	RETURN made;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "bellwire"."create_delivery"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	events jsonb := new.callback::jsonb -> 'events';
	is_end boolean := new.state IN ('SUCCESS', 'FAILURE', 'CANCELLED');
	kind text := CASE WHEN is_end THEN 'end' ELSE 'waiting' END;
BEGIN
	IF new.state = 'STARTED' THEN
		IF events ? 'step' THEN
			INSERT INTO bellwire.delivery_cursors (task_id, last_event) VALUES (new.id, new.last_event) ON CONFLICT DO NOTHING;
		END IF;
		RETURN NULL;
	END IF;
	IF events ? 'step' THEN
		PERFORM bellwire.create_step_deliveries(new.id);
		IF is_end THEN
			DELETE FROM bellwire.delivery_cursors WHERE task_id = new.id;
		END IF;
	END IF;
	IF events ? kind THEN
		PERFORM bellwire.insert_delivery(new.id, new.agent_id, new.webhook_id, new.callback,
			CASE new.state WHEN 'SUCCESS' THEN 'task.succeeded' WHEN 'FAILURE' THEN 'task.failed'
				WHEN 'CANCELLED' THEN 'task.cancelled' ELSE 'task.waiting' END,
			new.last_event);
	END IF;
	RETURN NULL;
END
$$;
--> statement-breakpoint
DROP TRIGGER "tasks_create_delivery" ON "bellwire"."tasks";
--> statement-breakpoint
CREATE TRIGGER "tasks_create_delivery" AFTER UPDATE OF "state" ON "bellwire"."tasks" FOR EACH ROW
	WHEN (new.callback IS NOT NULL AND new.webhook_id IS NOT NULL AND old.state IS DISTINCT FROM new.state
		AND new.state <> 'PENDING')
	EXECUTE FUNCTION "bellwire"."create_delivery"();
