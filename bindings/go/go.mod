module curlback

go 1.24
