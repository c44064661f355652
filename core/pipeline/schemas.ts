import { z } from "zod";
import { recordingSchema } from "../store/recording_schema.ts";
import { published, type PublishedSchema, publishedSchemas } from "../store/schemas.ts";
import { expectedSchema, firstExpectedSchema } from "./expected.ts";
import { studySchema } from "./study_schema.ts";

/** The JSON Schemas of every format of Infoplane, of what it reads as of what it writes. `core/schemas/` holds them as files. */
export function allSchemas(): PublishedSchema[] {
  const json = (schema: z.ZodType) => ({
    json: () => z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" }),
  });
  return [
    ...publishedSchemas(),
    published("study.v1", "A study of Infoplane", json(studySchema)),
    published("run-recording.v1", "Runs that another program recorded: infoplane-run.json", json(recordingSchema)),
    published(
      "expected.v1",
      "What a study was expected to give, before quantities had classes",
      json(firstExpectedSchema),
    ),
    published("expected.v2", "What a study is expected to give: reports/<study>/expected.json", json(expectedSchema)),
  ];
}
