CREATE TABLE "bellwire"."audit_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" json NOT NULL,
	"actor_id" uuid,
	"route" text NOT NULL,
	"operation" text NOT NULL,
	"object_kind" text NOT NULL,
	"object_id" text,
	"object_name" text,
	"changes" json NOT NULL,
	"done_at" timestamp with time zone,
	"address" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."oidc_sign_ins" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"browser" "bytea" NOT NULL,
	"nonce" text NOT NULL,
	"code_verifier" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."user_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"hash" "bytea" NOT NULL,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"user_id" uuid,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "user_links_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"password_hash" text,
	"oidc_issuer" text,
	"oidc_subject" text,
	"disabled_at" timestamp with time zone,
	"last_sign_in_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "bellwire"."api_keys" ADD COLUMN "role" text;--> statement-breakpoint
ALTER TABLE "bellwire"."sessions" ADD COLUMN "id" uuid DEFAULT gen_random_uuid() NOT NULL;--> statement-breakpoint
ALTER TABLE "bellwire"."sessions" ADD COLUMN "user_id" uuid;--> statement-breakpoint
ALTER TABLE "bellwire"."sessions" ADD COLUMN "via" text;--> statement-breakpoint
ALTER TABLE "bellwire"."sessions" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "bellwire"."sessions" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "bellwire"."sessions" ADD COLUMN "last_seen_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "bellwire"."agent_revisions" ADD COLUMN "author" json;--> statement-breakpoint
ALTER TABLE "bellwire"."user_links" ADD CONSTRAINT "user_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "bellwire"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_log_created_idx" ON "bellwire"."audit_log" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "audit_log_actor_idx" ON "bellwire"."audit_log" USING btree ("actor_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_object_idx" ON "bellwire"."audit_log" USING btree ("object_id","id");--> statement-breakpoint
CREATE INDEX "oidc_sign_ins_expiry_idx" ON "bellwire"."oidc_sign_ins" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "user_links_email_idx" ON "bellwire"."user_links" USING btree ("kind",lower("email"));--> statement-breakpoint
CREATE INDEX "user_links_user_idx" ON "bellwire"."user_links" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_idx" ON "bellwire"."users" USING btree (lower("email"));--> statement-breakpoint
CREATE UNIQUE INDEX "users_oidc_idx" ON "bellwire"."users" USING btree ("oidc_issuer","oidc_subject");--> statement-breakpoint
ALTER TABLE "bellwire"."sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "bellwire"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sessions_user_idx" ON "bellwire"."sessions" USING btree ("user_id");--> statement-breakpoint
ALTER TABLE "bellwire"."sessions" ADD CONSTRAINT "sessions_id_unique" UNIQUE("id");