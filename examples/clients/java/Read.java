// Reads an image from Java: Read IMAGE
import com.google.protobuf.ByteString;
import edgeocr.v1.Image;
import edgeocr.v1.OcrServiceGrpc;
import edgeocr.v1.RecognizeRequest;
import edgeocr.v1.RecognizeStreamRequest;
import edgeocr.v1.RecognizeStreamResponse;
import edgeocr.v1.StreamConfig;
import edgeocr.v1.StreamImage;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

public final class Read {
  public static void main(String[] arguments) throws Exception {
    Image image = Image.newBuilder()
        .setEncoded(ByteString.copyFrom(Files.readAllBytes(Path.of(arguments[0]))))
        .build();
    String target = System.getenv().getOrDefault("EDGEOCR_TARGET", "127.0.0.1:50051");
    // By default gRPC receives 4 MB; a document's answer may be larger.
    ManagedChannel channel = ManagedChannelBuilder.forTarget(target)
        .usePlaintext()
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .build();
    try {
      var answer = OcrServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(60, TimeUnit.SECONDS)
          .recognize(RecognizeRequest.newBuilder().setImage(image).build());
      System.out.println(answer.getDocument().getPages(0).getText());

      CountDownLatch over = new CountDownLatch(1);
      StreamObserver<RecognizeStreamRequest> requests =
          OcrServiceGrpc.newStub(channel).recognizeStream(new StreamObserver<RecognizeStreamResponse>() {
            @Override public void onNext(RecognizeStreamResponse event) {
              if (event.hasLine()) {
                var line = event.getLine().getLine();
                System.out.printf("%.2f %s%n", line.getConfidence(), line.getText());
              }
            }

            @Override public void onError(Throwable error) {
              System.err.println(error.getMessage());
              over.countDown();
            }

            @Override public void onCompleted() {
              over.countDown();
            }
          });
      requests.onNext(RecognizeStreamRequest.newBuilder().setConfig(StreamConfig.getDefaultInstance()).build());
      requests.onNext(RecognizeStreamRequest.newBuilder()
          .setImage(StreamImage.newBuilder().setId("only").setImage(image))
          .build());
      requests.onCompleted();
      over.await(60, TimeUnit.SECONDS);
    } finally {
      channel.shutdown().awaitTermination(5, TimeUnit.SECONDS);
    }
  }
}
