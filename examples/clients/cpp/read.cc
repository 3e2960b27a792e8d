// Reads an image from C++: read IMAGE
//
//   c++ -std=c++17 -Ibuild examples/clients/cpp/read.cc build/edgeocr/v1/*.cc build/google/rpc/status.pb.cc
//       $(pkg-config --cflags --libs grpc++ protobuf) -o build/read
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "edgeocr/v1/ocr.grpc.pb.h"

namespace v1 = edgeocr::v1;

int main(int count, char** arguments) {
  if (count != 2) return 2;
  std::ifstream file(arguments[1], std::ios::binary);
  const std::string encoded((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const char* named = std::getenv("EDGEOCR_TARGET");
  grpc::ChannelArguments options;
  // By default gRPC receives 4 MB; a document's answer may be larger.
  options.SetMaxReceiveMessageSize(-1);
  auto channel = grpc::CreateCustomChannel(named ? named : "127.0.0.1:50051", grpc::InsecureChannelCredentials(), options);
  auto service = v1::OcrService::NewStub(channel);

  v1::RecognizeRequest request;
  request.mutable_image()->set_encoded(encoded);
  v1::RecognizeResponse answer;
  grpc::ClientContext call;
  call.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
  if (grpc::Status status = service->Recognize(&call, request, &answer); !status.ok()) {
    std::cerr << status.error_code() << ": " << status.error_message() << "\n";
    return 1;
  }
  std::cout << answer.document().pages(0).text() << "\n";

  grpc::ClientContext streaming;
  auto stream = service->RecognizeStream(&streaming);
  v1::RecognizeStreamRequest message;
  message.mutable_config();
  stream->Write(message);
  message.mutable_image()->set_id("only");
  message.mutable_image()->mutable_image()->set_encoded(encoded);
  stream->Write(message);
  stream->WritesDone();
  v1::RecognizeStreamResponse event;
  while (stream->Read(&event)) {
    if (event.has_line()) std::cout << event.line().line().confidence() << " " << event.line().line().text() << "\n";
  }
  return stream->Finish().ok() ? 0 : 1;
}
