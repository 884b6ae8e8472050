module bench

go 1.24

require curlback v0.1.0

replace curlback => ../../bindings/go
