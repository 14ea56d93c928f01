export * from "../client/api-client.ts";
