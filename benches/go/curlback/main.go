// The same as transfer_curlback.c on curlback's binding. A fourth argument is what BatchBody collects.
package main

import (
	"errors"
	"os"
	"strconv"

	"bench"
	"curlback"
)

func get(work *bench.Work, count int, url string) error {
	easy, err := curlback.NewEasy()
	if err != nil {
		return err
	}
	defer easy.Close()
	if err := easy.SetString(curlback.OPT_URL, url); err != nil {
		return err
	}
	if len(os.Args) > 4 {
		size, err := strconv.Atoi(os.Args[4])
		if err != nil {
			return err
		}
		if err := easy.BatchBody(size); err != nil {
			return err
		}
	}
	if err := easy.OnWrite(func(data []byte) error { work.Take(data); return nil }); err != nil {
		return err
	}
	for i := 0; i < count; i++ {
		if err := easy.Perform(); err != nil {
			return err
		}
	}
	code, err := easy.GetInt(curlback.INFO_RESPONSE_CODE)
	if err == nil && code != 200 {
		err = errors.New("not a 200")
	}
	return err
}

func main() {
	bench.Run(get)
}
