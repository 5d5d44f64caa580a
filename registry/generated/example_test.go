package generated_test

import (
	"fmt"
	"os"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

func ExamplePrint() {
	cfg, err := config.Load(
		config.JSON("ministack.json", []byte(`{"services": {"objects": {"dir": "/data", "token": "hush"}}}`)),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	objects := generated.Options{Options: []generated.Option{
		{Name: "dir", Type: "string"},
		{Name: "quota", Type: "int", Default: "100", HasDefault: true},
		{Name: "token", Type: "string", Secret: true},
	}}
	err = generated.Print(os.Stdout, cfg.At("services.objects"), func(path string) *generated.Options {
		if path == "services.objects" {
			return &objects
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// dir = "/data" # ministack.json:1:34
	// quota = "100" # default
	// token = ***   # ministack.json:1:52
}
