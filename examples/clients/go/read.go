// Reads an image from Go: read.go IMAGE
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"time"

	"google.golang.org/grpc"

	edgeocrv1 "edgeocr/v1"
)

func main() {
	encoded, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	target := os.Getenv("EDGEOCR_TARGET")
	if target == "" {
		target = "127.0.0.1:50051"
	}
	// These names are there in all versions of gRPC; from 1.63 on, NewClient and insecure.NewCredentials take their place.
	// By default gRPC receives 4 MB; a document's answer may be larger.
	connection, err := grpc.Dial(target, grpc.WithInsecure(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	client := edgeocrv1.NewOcrServiceClient(connection)
	image := &edgeocrv1.Image{Source: &edgeocrv1.Image_Encoded{Encoded: encoded}}
	within, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	answer, err := client.Recognize(within, &edgeocrv1.RecognizeRequest{Image: image})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Document.Pages[0].Text)

	stream, err := client.RecognizeStream(within)
	if err != nil {
		log.Fatal(err)
	}
	for _, request := range []*edgeocrv1.RecognizeStreamRequest{
		{Message: &edgeocrv1.RecognizeStreamRequest_Config{Config: &edgeocrv1.StreamConfig{}}},
		{Message: &edgeocrv1.RecognizeStreamRequest_Image{Image: &edgeocrv1.StreamImage{Id: "only", Image: image}}},
	} {
		if err := stream.Send(request); err != nil {
			log.Fatal(err)
		}
	}
	stream.CloseSend()
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		if line := event.GetLine(); line != nil {
			fmt.Printf("%.2f %s\n", line.Line.Confidence, line.Line.Text)
		}
	}
}
