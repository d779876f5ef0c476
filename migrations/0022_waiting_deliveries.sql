-- A wait for callbacks alone is no matter of a person: nothing is sent for it.
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
	IF events ? kind AND (is_end OR EXISTS (
		SELECT FROM bellwire.approvals WHERE task_id = new.id AND state = 'waiting' AND callback_id IS NULL
	)) THEN
		PERFORM bellwire.insert_delivery(new.id, new.agent_id, new.webhook_id, new.callback,
			CASE new.state WHEN 'SUCCESS' THEN 'task.succeeded' WHEN 'FAILURE' THEN 'task.failed'
				WHEN 'CANCELLED' THEN 'task.cancelled' ELSE 'task.waiting' END,
			new.last_event);
	END IF;
	RETURN NULL;
END
$$;
