CREATE TABLE "bellwire"."password_attempts" (
	"subject" "bytea" PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"retry_at" timestamp with time zone NOT NULL,
	"resets_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "bellwire"."oidc_sign_ins" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "bellwire"."oidc_sign_ins" ADD COLUMN "used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bellwire"."user_links" ADD COLUMN "creator_user_id" uuid;--> statement-breakpoint
ALTER TABLE "bellwire"."user_links" ADD COLUMN "creator_key_id" uuid;--> statement-breakpoint
CREATE INDEX "password_attempts_reset_idx" ON "bellwire"."password_attempts" USING btree ("resets_at");--> statement-breakpoint
ALTER TABLE "bellwire"."user_links" ADD CONSTRAINT "user_links_creator_user_id_users_id_fk" FOREIGN KEY ("creator_user_id") REFERENCES "bellwire"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bellwire"."user_links" ADD CONSTRAINT "user_links_creator_key_id_api_keys_id_fk" FOREIGN KEY ("creator_key_id") REFERENCES "bellwire"."api_keys"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "oidc_sign_ins_address_idx" ON "bellwire"."oidc_sign_ins" USING btree ("address");--> statement-breakpoint
CREATE INDEX "user_links_creator_user_idx" ON "bellwire"."user_links" USING btree ("creator_user_id");--> statement-breakpoint
CREATE INDEX "user_links_creator_key_idx" ON "bellwire"."user_links" USING btree ("creator_key_id");