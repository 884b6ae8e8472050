package curlback

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

func TestMessagesAreReceivedAndAnswered(t *testing.T) {
	supported(t, CallbackWSMessage)
	socket := get(t, address(t, "WS")+"/questions")
	must(t, socket.ClearBody())
	var questions []string
	must(t, socket.OnWSMessage(1000, func(flags WSFlags, data []byte) error {
		switch flags {
		case WSText:
			questions = append(questions, string(data))
			_, err := socket.WSSend([]byte("ack"), WSBinary)
			return err
		case WSClose:
			equal(t, string(data), "\x03\xe83 of 3 answered")
			return socket.WSClose(1000, "bye")
		}
		return nil
	}))
	must(t, socket.Perform())
	if !slices.Equal(questions, []string{"one", "two", "three"}) {
		t.Fatal(questions)
	}
}

func TestFramesHaveTheirPlace(t *testing.T) {
	supported(t, CallbackWSMessage)
	socket := get(t, address(t, "WS")+"/echo")
	sent := bytes.Repeat([]byte("0123456789"), 10000)
	must(t, socket.OnPrereq(func(Connection) error { return nil }))
	var echoed []byte
	must(t, socket.OnHeader(func(line []byte) error {
		if string(line) != "\r\n" {
			return nil
		}
		_, err := socket.WSSend([]byte("too early"), WSText)
		if err == nil {
			t.Error("there is no WebSocket yet")
		}
		return nil
	}))
	must(t, socket.OnWrite(func(data []byte) error {
		frame, err := socket.WSMeta()
		must(t, err)
		equal(t, frame.Flags&WSBinary, WSBinary)
		equal(t, frame.Offset, int64(len(echoed)))
		echoed = append(echoed, data...)
		equal(t, frame.BytesLeft, int64(len(sent)-len(echoed)))
		return nil
	}))
	is(t, socket.WSClose(1000, ""), ErrAbsent)
	// Detached: what the callbacks see is for the other way.
	must(t, socket.SetInt(OPT_CONNECT_ONLY, 2))
	must(t, socket.OnHeader(nil))
	must(t, socket.Perform())
	for left := sent; len(left) > 0; {
		count, err := socket.WSSendPiece(left, int64(len(left)), WSBinary|WSOffset)
		if count < len(left) {
			is(t, err, CURLE_AGAIN)
		}
		left = left[count:]
	}
	buffer := make([]byte, 1<<16)
	for end := time.Now().Add(limit); len(echoed) < len(sent); {
		count, frame, err := socket.WSRecv(buffer)
		if err != nil {
			is(t, err, CURLE_AGAIN)
			if time.Now().After(end) {
				t.Fatal("nothing came")
			}
			time.Sleep(time.Millisecond)
			continue
		}
		equal(t, frame.Flags&WSBinary, WSBinary)
		echoed = append(echoed, buffer[:count]...)
	}
	if !bytes.Equal(echoed, sent) {
		t.Fatal("other bytes came")
	}
	is(t, socket.WSClose(5, "no such code"), ErrRange)
	must(t, socket.WSClose(1000, ""))
}

func TestALongMessageIsRefused(t *testing.T) {
	supported(t, CallbackWSMessage)
	socket := get(t, address(t, "WS")+"/questions")
	must(t, socket.ClearBody())
	must(t, socket.OnWSMessage(2, func(WSFlags, []byte) error { return nil }))
	is(t, socket.Perform(), ErrLimit)
	failure := &own{"message"}
	must(t, socket.OnWSMessage(100, func(WSFlags, []byte) error { return failure }))
	err := socket.Perform()
	is(t, err, CURLE_WRITE_ERROR)
	is(t, err, failure)
}

func TestARawConnectionSendsAndReceives(t *testing.T) {
	raw := get(t, address(t, "HTTP"))
	must(t, raw.SetBool(OPT_CONNECT_ONLY, true))
	must(t, raw.Perform())
	request := []byte("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	count, err := raw.Send(request)
	must(t, err)
	equal(t, count, len(request))
	var answer []byte
	buffer := make([]byte, 1000)
	for end := time.Now().Add(limit); ; {
		count, err := raw.Recv(buffer)
		if err != nil {
			is(t, err, CURLE_AGAIN)
			if time.Now().After(end) {
				t.Fatal("nothing came")
			}
			time.Sleep(time.Millisecond)
			continue
		}
		if count == 0 {
			break
		}
		answer = append(answer, buffer[:count]...)
	}
	if !bytes.HasSuffix(answer, []byte("hello, world\n")) {
		t.Fatalf("%q", answer)
	}
}
