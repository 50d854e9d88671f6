package rule_test

import (
	"testing"

	"etcdscope/rule"
)

type rules struct{ NoBrakes, NoLights bool }

var table = rule.Table[rules]{
	rule.New("brakes", "A car stops.", "common sense", func(r *rules) *bool { return &r.NoBrakes }),
	rule.New("lights", "A car is seen.", "common sense", func(r *rules) *bool { return &r.NoLights }),
}

func TestSwitch(t *testing.T) {
	var r rules
	if err := table.Switch(&r, "lights", false); err != nil || r != (rules{NoLights: true}) {
		t.Errorf("lights off: %+v, %v", r, err)
	}
	if err := table.Switch(&r, "lights", true); err != nil || r != (rules{}) {
		t.Errorf("lights on: %+v, %v", r, err)
	}
	if err := table.Switch(&r, "wings", false); err == nil || r != (rules{}) {
		t.Errorf("a rule that does not exist: %+v, %v", r, err)
	}
	if all := table.All(); len(all) != 2 || all[1].Name != "lights" || all[0].Sentence != "A car stops." {
		t.Errorf("the rules are %+v", all)
	}
}
