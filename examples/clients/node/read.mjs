// Reads an image from Node: read.mjs IMAGE
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const proto = fileURLToPath(new URL("../../../proto", import.meta.url));
const contract = loader.loadSync("edgeocr/v1/ocr.proto", { includeDirs: [proto], defaults: true, oneofs: true });
const { OcrService } = grpc.loadPackageDefinition(contract).edgeocr.v1;
const encoded = readFileSync(process.argv[2]);
// By default gRPC receives 4 MB; a document's answer may be larger.
const client = new OcrService(process.env.EDGEOCR_TARGET ?? "127.0.0.1:50051", grpc.credentials.createInsecure(), {
  "grpc.max_receive_message_length": -1,
});

client.recognize({ image: { encoded } }, { deadline: Date.now() + 60_000 }, (error, answer) => {
  if (error) {
    console.error(`${grpc.status[error.code]}: ${error.details}`);
    process.exitCode = 1;
    client.close();
    return;
  }
  console.log(answer.document.pages[0].text);
  const call = client.recognizeStream();
  call.on("data", ({ line }) => {
    if (line) console.log(`${line.line.confidence.toFixed(2)} ${line.line.text}`);
  });
  call.on("error", (problem) => {
    console.error(`${grpc.status[problem.code]}: ${problem.details}`);
    process.exitCode = 1;
  });
  call.on("end", () => client.close());
  call.write({ config: {} });
  call.write({ image: { id: "only", image: { encoded } } });
  call.end();
});
